//! Logging commands of Azure Pipelines. What its agent unescapes: azure-pipelines-agent, `CommandStringConvertor`.

use crate::secret::Secret;

/// `##vso[task.setsecret]`: from the next line on, the agent masks the value in its log.
pub fn set_secret(value: &Secret) -> String {
    format!("##vso[task.setsecret]{}\n", data(value.expose()))
}

/// `##vso[task.setvariable]` of a secret variable, for the steps that follow
pub fn set_secret_variable(name: &str, value: &Secret) -> String {
    format!("##vso[task.setvariable variable={};issecret=true]{}\n", property(name), data(value.expose()))
}

/// Escapes what stands behind a command. `%` goes first, since the agent takes it last.
fn data(text: &str) -> String {
    text.replace('%', "%AZP25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes a command's property.
fn property(text: &str) -> String {
    data(text).replace(']', "%5D").replace(';', "%3B")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_stay_inside_their_command() {
        assert_eq!(
            set_secret_variable("a]b;c", &"x%\r\ny".into()),
            "##vso[task.setvariable variable=a%5Db%3Bc;issecret=true]x%AZP25%0D%0Ay\n"
        );
    }
}
