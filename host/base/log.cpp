#include "base/log.h"

#include "base/utf8.h"

#include "hearback/sdk/time.hpp"

#include <Poco/AutoPtr.h>
#include <Poco/ConsoleChannel.h>
#include <Poco/FormattingChannel.h>
#include <Poco/Logger.h>
#include <Poco/PatternFormatter.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <unistd.h>

namespace hearback::base {

namespace {

Poco::Message::Priority toPriority(LogLevel level) {
    switch (level) {
    case LogLevel::Debug: return Poco::Message::PRIO_DEBUG;
    case LogLevel::Info: return Poco::Message::PRIO_INFORMATION;
    case LogLevel::Warning: return Poco::Message::PRIO_WARNING;
    case LogLevel::Error: return Poco::Message::PRIO_ERROR;
    }
    return Poco::Message::PRIO_ERROR;
}

const char* nameOf(Poco::Message::Priority priority) {
    switch (priority) {
    case Poco::Message::PRIO_DEBUG:
    case Poco::Message::PRIO_TRACE: return "debug";
    case Poco::Message::PRIO_NOTICE:
    case Poco::Message::PRIO_INFORMATION: return "info";
    case Poco::Message::PRIO_WARNING: return "warning";
    default: return "error";
    }
}

// Control characters could move a terminal's cursor or forge a second line.
bool isControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7f'; }

void appendSafe(std::string& out, char c) {
    if (!isControl(c)) {
        out += c;
        return;
    }
    char escape[8];
    std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
    out += escape;
}

// What plugins say may be anything: the line stays UTF-8.
void appendQuoted(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : repairUtf8(text)) {
        if (c == '"' || c == '\\') out += '\\';
        appendSafe(out, c);
    }
    out += '"';
}

std::int64_t microseconds(const Poco::Message& message) {
    return message.getTime().epochMicroseconds();
}

// The text of a message is the event, followed by its fields as they were rendered by log().
class JsonFormatter : public Poco::Formatter {
  public:
    void format(const Poco::Message& message, std::string& out) override {
        out = R"({"time":")" + formatRfc3339(microseconds(message)) + R"(","level":")" +
              nameOf(message.getPriority()) + R"(","room":)";
        appendQuoted(out, message.getSource());
        out += message.getText();
        out += "}";
    }
};

class TextFormatter : public Poco::Formatter {
  public:
    void format(const Poco::Message& message, std::string& out) override {
        out = formatRfc3339(microseconds(message)).substr(11, 8) + " ";
        const std::string level = nameOf(message.getPriority());
        out += level + std::string(level.size() < 8 ? 8 - level.size() : 1, ' ');
        out += message.getSource() + ": " + message.getText();
    }
};

LogFormat current_format = LogFormat::Text;
std::atomic<LogLevel> current_level{LogLevel::Info};

std::string renderJson(std::string_view event, LogFields fields) {
    std::string out = R"(,"event":)";
    appendQuoted(out, event);
    for (const LogField& field : fields) {
        out += ',';
        appendQuoted(out, field.name);
        out += ':';
        // "nan" and "inf" are no numbers of JSON.
        if (field.is_number && field.value.find('n') == std::string::npos)
            out += field.value;
        else
            appendQuoted(out, field.value);
    }
    return out;
}

// Is read as it stands, without quotes.
bool isPlain(const std::string& value) {
    return !value.empty() && isUtf8(value) && std::none_of(value.begin(), value.end(), [](char c) {
        return c == ' ' || c == '"' || c == '\\' || isControl(c);
    });
}

std::string renderText(std::string_view event, LogFields fields) {
    std::string out;
    for (const char c : repairUtf8(event)) appendSafe(out, c);
    for (const LogField& field : fields) {
        out += "  ";
        out += field.name;
        out += '=';
        if (isPlain(field.value))
            out += field.value;
        else
            appendQuoted(out, field.value);
    }
    return out;
}

} // namespace

LogFormat defaultLogFormat() {
    return isatty(STDERR_FILENO) == 1 ? LogFormat::Text : LogFormat::Json;
}

void configureLog(LogFormat format, LogLevel level) {
    current_format = format;
    Poco::AutoPtr<Poco::Formatter> formatter;
    if (format == LogFormat::Json)
        formatter = new JsonFormatter;
    else
        formatter = new TextFormatter;
    const Poco::AutoPtr<Poco::ConsoleChannel> console(new Poco::ConsoleChannel(std::cerr));
    const Poco::AutoPtr<Poco::FormattingChannel> channel(
        new Poco::FormattingChannel(formatter, console));
    Poco::Logger::root().setChannel(channel);
    Poco::Logger::setChannel("", channel);
    // Poco's own level cannot be changed while others log: what is left out is decided here.
    Poco::Logger::setLevel("", Poco::Message::PRIO_DEBUG);
    setLogLevel(level);
}

void setLogLevel(LogLevel level) { current_level = level; }

void log(LogLevel level, std::string_view room, std::string_view event, LogFields fields) {
    if (level < current_level) return;
    Poco::Logger& logger = Poco::Logger::get(std::string(room));
    const Poco::Message::Priority priority = toPriority(level);
    if (!logger.is(priority)) return;
    const std::string text =
        current_format == LogFormat::Json ? renderJson(event, fields) : renderText(event, fields);
    logger.log(Poco::Message(logger.name(), text, priority));
}

} // namespace hearback::base
