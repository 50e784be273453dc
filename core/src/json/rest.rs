//! Members that nobody here knows.

use std::fmt;

use serde_json::{Map, Value};
use zeroize::Zeroize;

/// What another tool put into an object, to be written again as it was. Any of it may be a secret.
#[derive(Clone, Default, PartialEq)]
pub struct Rest(Map<String, Value>);

impl Rest {
    pub(super) fn insert(&mut self, name: String, value: Value) {
        if let Some(mut before) = self.0.insert(name, value) {
            wipe(&mut before);
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.0.iter()
    }
}

impl fmt::Debug for Rest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Drop for Rest {
    fn drop(&mut self) {
        self.0.values_mut().for_each(wipe);
    }
}

fn wipe(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(wipe),
        Value::Bool(_) | Value::Null | Value::Number(_) => {}
        Value::Object(members) => members.values_mut().for_each(wipe),
        Value::String(text) => text.zeroize(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_text_is_wiped_however_deep() {
        let mut value = json!({"a": "SEKRIT", "b": [1, {"c": ["SEKRIT", null]}], "d": true});
        wipe(&mut value);
        assert_eq!(value, json!({"a": "", "b": [1, {"c": ["", null]}], "d": true}));
    }
}
