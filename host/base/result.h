// An expected failure is a value. Result<T> holds a T or an Error; nothing throws across a room.
#pragma once

#include "base/check.h"
#include "base/clock.h"

#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace hearback::base {

enum class Code {
    Invalid,     // what was asked for makes no sense; asking again does not help
    NotFound,    //
    Conflict,    // somebody else was first
    Busy,        // taken by another; try again
    Unavailable, // cannot be reached; try again later
    Full,        // no room left: disk, queue, limit
    TimedOut,    //
    Cancelled,   // the caller, or the end of the process, wished it so
    Unsupported, //
    Corrupt,     // what was read is not what was written
    Internal,    // a defect
    RateLimited, // too much was asked for already; the error says how long to wait
    Auth,        // the credentials are refused
    Unclear      // it may have been done or not: the answer was lost
};

// The message says what was tried, on what, and what can be done; never a person's words.
struct Error {
    Code code = Code::Internal;
    std::string message;
    Micros retry_after = 0; // not before; 0: whoever asks decides

    bool isTransient() const {
        return code == Code::Busy || code == Code::Unavailable || code == Code::Full ||
               code == Code::TimedOut || code == Code::RateLimited;
    }
};

template <class T>
class [[nodiscard]] Result {
  public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    explicit operator bool() const { return state_.index() == 0; }
    T& value() & {
        HB_ASSERT(state_.index() == 0);
        return std::get<0>(state_);
    }
    const T& value() const& {
        HB_ASSERT(state_.index() == 0);
        return std::get<0>(state_);
    }
    T&& value() && {
        HB_ASSERT(state_.index() == 0);
        return std::get<0>(std::move(state_));
    }
    const Error& error() const {
        HB_ASSERT(state_.index() == 1);
        return std::get<1>(state_);
    }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

  private:
    std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
  public:
    Result() = default;
    Result(Error error) : error_(std::move(error)) {}

    explicit operator bool() const { return !error_.has_value(); }
    const Error& error() const {
        HB_ASSERT(error_.has_value());
        return *error_;
    }

  private:
    std::optional<Error> error_;
};

} // namespace hearback::base
