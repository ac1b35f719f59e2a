// What a call came to, in C++: a value to return, or an Error to throw.
#pragma once

#include "hearback/plugin/abi.h"

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

namespace hearback {

// A status of abi.h with its text. The text is a sentence for the operator: what was tried, on
// what, what to do. Never a person's words, never a secret.
class [[nodiscard]] Status {
  public:
    static Status ok() { return Status(HB_OK); }
    // Nothing to do now.
    static Status again() { return Status(HB_AGAIN); }
    // The source is exhausted.
    static Status end() { return Status(HB_END); }
    static Status rateLimited(std::chrono::milliseconds retry_after, std::string text = {}) {
        Status status(HB_RATE_LIMITED, std::move(text));
        status.retry_after_ms_ = retry_after.count();
        return status;
    }
    // The remote side does not answer; the host backs off.
    static Status unavailable(std::string text) { return Status(HB_UNAVAILABLE, std::move(text)); }
    // The credentials are refused; the host stops and asks for others.
    static Status auth(std::string text) { return Status(HB_AUTH, std::move(text)); }
    // A setting makes no sense; `path` is its JSON pointer, such as "/url".
    static Status config(std::string path, std::string text) {
        Status status(HB_CONFIG, std::move(text));
        status.path_ = std::move(path);
        return status;
    }
    static Status itemInvalid(std::string text) { return Status(HB_ITEM_INVALID, std::move(text)); }
    static Status unsupported(std::string text) { return Status(HB_UNSUPPORTED, std::move(text)); }
    static Status cancelled() { return Status(HB_CANCELLED, "cancelled"); }
    static Status internal(std::string text) { return Status(HB_INTERNAL, std::move(text)); }
    // What a host function returned; the host knows the text, and how long to wait.
    static Status fromHost(hb_status code, std::string text = {}, std::int64_t retry_after_ms = 0) {
        Status status(code, std::move(text));
        status.retry_after_ms_ = retry_after_ms;
        return status;
    }

    hb_status code() const { return code_; }
    bool isOk() const { return code_ == HB_OK; }
    std::int64_t retryAfterMs() const { return retry_after_ms_; }
    const std::string& text() const { return text_; }
    const std::string& path() const { return path_; }

  private:
    explicit Status(hb_status code, std::string text = {}) : code_(code), text_(std::move(text)) {}

    hb_status code_;
    std::int64_t retry_after_ms_ = 0;
    std::string text_;
    std::string path_;
};

// A Status to throw; the SDK catches it at the boundary.
class Error : public std::runtime_error {
  public:
    explicit Error(Status status) : std::runtime_error(status.text()), status_(std::move(status)) {}
    const Status& status() const { return status_; }

  private:
    Status status_;
};

} // namespace hearback
