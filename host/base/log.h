// The log: one line per event, with named values. Text on a terminal, JSON otherwise. Never a
// person's words, never a secret, never a bound value of SQL. Any thread.
#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

namespace hearback::base {

enum class LogLevel { Debug, Info, Warning, Error };
enum class LogFormat { Text, Json };

// A named value of a line.
struct LogField {
    std::string_view name;
    std::string value;
    bool is_number = false;

    LogField(std::string_view n, std::string_view v) : name(n), value(v) {}
    LogField(std::string_view n, const std::string& v) : name(n), value(v) {}
    LogField(std::string_view n, const char* v) : name(n), value(v) {}
    template <class Number>
    requires std::integral<Number> || std::floating_point<Number> LogField(std::string_view n,
                                                                           Number v)
        : name(n), value(std::to_string(v)), is_number(true) {}
};
using LogFields = std::initializer_list<LogField>;

// Before the first line; lines go to standard error.
void configureLog(LogFormat format, LogLevel level);
// From now on only lines of this level and above. Any thread.
void setLogLevel(LogLevel level);
// Text where standard error is a terminal.
LogFormat defaultLogFormat();

void log(LogLevel level, std::string_view room, std::string_view event, LogFields fields = {});

inline void logDebug(std::string_view room, std::string_view event, LogFields fields = {}) {
    log(LogLevel::Debug, room, event, fields);
}
inline void logInfo(std::string_view room, std::string_view event, LogFields fields = {}) {
    log(LogLevel::Info, room, event, fields);
}
inline void logWarning(std::string_view room, std::string_view event, LogFields fields = {}) {
    log(LogLevel::Warning, room, event, fields);
}
inline void logError(std::string_view room, std::string_view event, LogFields fields = {}) {
    log(LogLevel::Error, room, event, fields);
}

} // namespace hearback::base
