/** In place of preview2-shim's sockets: the component imports none, and so there are none. */

function noSockets() {
    throw new Error('there are no sockets here');
}

/** @type {Map<number, any>} */
const none = new Map();

export {
    noSockets as createTcpSocket,
    noSockets as createUdpSocket,
    none as datagramStreams,
    noSockets as getDefaultReceiveBufferSize,
    noSockets as getDefaultSendBufferSize,
    noSockets as socketDatagramStreamDispose,
    noSockets as socketIncomingDatagramStreamReceive,
    noSockets as socketOutgoingDatagramStreamCheckSend,
    noSockets as socketOutgoingDatagramStreamSend,
    noSockets as socketResolveAddress,
    noSockets as socketTcpAccept,
    noSockets as socketTcpBindStart,
    noSockets as socketTcpConnectStart,
    noSockets as socketTcpDispose,
    noSockets as socketTcpFinish,
    noSockets as socketTcpGetLocalAddress,
    noSockets as socketTcpGetRemoteAddress,
    noSockets as socketTcpListenStart,
    noSockets as socketTcpSetKeepAlive,
    noSockets as socketTcpSetListenBacklogSize,
    noSockets as socketTcpShutdown,
    noSockets as socketUdpBindFinish,
    noSockets as socketUdpBindStart,
    noSockets as socketUdpDispose,
    noSockets as socketUdpGetLocalAddress,
    noSockets as socketUdpGetReceiveBufferSize,
    noSockets as socketUdpGetRemoteAddress,
    noSockets as socketUdpGetSendBufferSize,
    noSockets as socketUdpGetUnicastHopLimit,
    noSockets as socketUdpSetReceiveBufferSize,
    noSockets as socketUdpSetSendBufferSize,
    noSockets as socketUdpSetUnicastHopLimit,
    noSockets as socketUdpStream,
    none as tcpSockets,
    none as udpSockets,
    noSockets as SOCKET_STATE_BIND,
    noSockets as SOCKET_STATE_BOUND,
    noSockets as SOCKET_STATE_CONNECT,
    noSockets as SOCKET_STATE_CONNECTION,
    noSockets as SOCKET_STATE_LISTEN,
    noSockets as SOCKET_STATE_LISTENER,
};
