//! JSON: settings, and what services answer.

/// JSON. Numbers are exact up to 2^53; objects keep their order; lists and objects lie at most 64 deep.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    pub fn parse(text: &str) -> Option<Json> {
        let mut reader = JsonReader { text, at: 0 };
        let value = reader.value(0)?;
        reader.skip_blanks();
        if reader.at == text.len() {
            Some(value)
        } else {
            None
        }
    }
    /// A member of an object.
    pub fn get(&self, name: &str) -> Option<&Json> {
        match self {
            Json::Object(members) => members.iter().find(|(key, _)| key == name).map(|(_, v)| v),
            _ => None,
        }
    }
    /// The items of a list; none where it is no list.
    pub fn items(&self) -> &[Json] {
        match self {
            Json::List(items) => items,
            _ => &[],
        }
    }
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Json::Number(number) => Some(*number),
            _ => None,
        }
    }
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Json::Bool(truth) => Some(*truth),
            _ => None,
        }
    }
    /// Members by name and type.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_text()
    }
    pub fn number(&self, name: &str) -> Option<f64> {
        self.get(name)?.as_number()
    }
    pub fn bool(&self, name: &str) -> Option<bool> {
        self.get(name)?.as_bool()
    }
    /// A text as a JSON string, quotes and all.
    pub fn quoted(text: &str) -> String {
        let mut out = String::from("\"");
        for c in text.chars() {
            match c {
                '"' | '\\' => {
                    out.push('\\');
                    out.push(c);
                }
                c if c < ' ' => out.push_str(&format!("\\u{:04x}", c as u32)),
                c => out.push(c),
            }
        }
        out.push('"');
        out
    }
}

struct JsonReader<'a> {
    text: &'a str,
    at: usize,
}
impl JsonReader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }
    fn accept(&mut self, word: &str) -> Option<()> {
        if !self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            return None;
        }
        self.at += word.len();
        Some(())
    }
    fn value(&mut self, depth: u32) -> Option<Json> {
        if depth > 64 {
            return None;
        }
        self.skip_blanks();
        match self.peek()? {
            b'n' => self.accept("null").map(|_| Json::Null),
            b't' => self.accept("true").map(|_| Json::Bool(true)),
            b'f' => self.accept("false").map(|_| Json::Bool(false)),
            b'"' => self.string().map(Json::Text),
            b'[' => self.list(depth),
            b'{' => self.object(depth),
            _ => self.number(),
        }
    }
    fn number(&mut self) -> Option<Json> {
        let from = self.at;
        while matches!(
            self.peek(),
            Some(b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')
        ) {
            self.at += 1;
        }
        self.text[from..self.at].parse().ok().map(Json::Number)
    }
    fn string(&mut self) -> Option<String> {
        self.accept("\"")?;
        let mut out = String::new();
        loop {
            let from = self.at;
            while !matches!(self.peek()?, b'"' | b'\\') {
                self.at += 1;
            }
            out.push_str(&self.text[from..self.at]);
            self.at += 1;
            if self.text.as_bytes()[self.at - 1] == b'"' {
                return Some(out);
            }
            out.push(self.escaped()?);
        }
    }
    fn escaped(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        Some(match c {
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'"' | b'\\' | b'/' => c as char,
            b'u' => {
                let first = self.hex()?;
                let mut point = first;
                if (0xd800..0xdc00).contains(&first) && self.accept("\\u").is_some() {
                    let second = self.hex()?;
                    point = 0x10000 + ((first - 0xd800) << 10) + second.wrapping_sub(0xdc00);
                }
                char::from_u32(point).unwrap_or('\u{fffd}')
            }
            _ => return None,
        })
    }
    fn hex(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }
    fn list(&mut self, depth: u32) -> Option<Json> {
        self.accept("[")?;
        let mut items = Vec::new();
        self.skip_blanks();
        if self.accept("]").is_some() {
            return Some(Json::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.skip_blanks();
            if self.accept("]").is_some() {
                return Some(Json::List(items));
            }
            self.accept(",")?;
        }
    }
    fn object(&mut self, depth: u32) -> Option<Json> {
        self.accept("{")?;
        let mut members = Vec::new();
        self.skip_blanks();
        if self.accept("}").is_some() {
            return Some(Json::Object(members));
        }
        loop {
            self.skip_blanks();
            let name = self.string()?;
            self.skip_blanks();
            self.accept(":")?;
            members.push((name, self.value(depth + 1)?));
            self.skip_blanks();
            if self.accept("}").is_some() {
                return Some(Json::Object(members));
            }
            self.accept(",")?;
        }
    }
}
