// HTTP through the host: what a plugin asks for and what it gets.
#pragma once

#include "hearback/sdk/status.hpp"
#include "hearback/sdk/wire_fields.hpp"

#include <protozero/pbf_builder.hpp>
#include <protozero/pbf_message.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearback {

namespace detail {

inline bool equalIgnoringCase(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (lower(a[i]) != lower(b[i])) return false;
    return true;
}

} // namespace detail

using Headers = std::vector<std::pair<std::string, std::string>>;

// How much the other side allows, and what one call takes of it: calls, units, points, money.
struct Budget {
    std::string name;
    double cost = 1;
    double limit = 0; // within the period; 0: known only from what the answers say
    std::int64_t period_ms = 0;
};

struct HttpCall {
    std::string method = "GET";
    std::string url;
    Headers headers{}; // {"GET", url} is no warning
    std::string body{};
    std::int64_t timeout_ms = 0;         // 0: the host's default
    std::int64_t max_response_bytes = 0; // 0: the host's default
    bool keep_redirects = false;         // answers, not followed
    // Where one has not enough left, the call is not sent: Status::rateLimited. What the answer
    // says about limits is taken as said about the first one.
    std::vector<Budget> budgets{};
    // Whose budgets they are, in all instances: the token, or any name. Without: this instance's.
    std::string account{};
};

struct HttpAnswer {
    std::int32_t status = 0;
    Headers headers;
    std::string body;
    std::string url; // that answered, after redirects
    bool moved_permanently = false;
    // How long to wait before the next call, as the answer said it in whatever form; 0: it did not.
    std::int64_t retry_after_ms = 0;

    // The first header of that name, in any case; empty where there is none.
    std::string_view header(std::string_view name) const {
        for (const auto& [key, value] : headers)
            if (detail::equalIgnoringCase(key, name)) return value;
        return {};
    }
    // What it comes to, by its status: OK below 300. 429 is RATE_LIMITED for as long as the answer
    // says, 401 and 403 are AUTH, 408 and 5xx UNAVAILABLE; any other is the item's fault.
    Status outcome() const {
        if (status >= 200 && status < 300) return Status::ok();
        const std::string words = "HTTP status " + std::to_string(status);
        if (status == 429)
            return Status::rateLimited(std::chrono::milliseconds(retry_after_ms), words);
        if (status == 401 || status == 403) return Status::auth(words);
        if (status >= 500 || status == 408) return Status::unavailable(words);
        return Status::itemInvalid(words);
    }
    // The same for what poll() asked, where no single item is at fault: UNAVAILABLE is what else
    // would be the item's.
    Status pollOutcome() const {
        Status whole = outcome();
        return whole.code() == HB_ITEM_INVALID ? Status::unavailable(whole.text()) : whole;
    }
};

// No answer came. The host has told the operator why already: return status(), or let it pass.
class HttpError : public Error {
  public:
    HttpError(Status status, bool may_have_arrived)
        : Error(std::move(status)), may_have_arrived_(may_have_arrived) {}
    // Something was sent, so that it may have had its effect: do not simply send it again where
    // that would be seen twice.
    bool mayHaveArrived() const { return may_have_arrived_; }

  private:
    bool may_have_arrived_;
};

namespace detail {

inline std::string encode(const HttpCall& call) {
    using Field = wire::HttpRequest;
    std::string bytes;
    protozero::pbf_builder<Field> out(bytes);
    out.add_string(Field::method, call.method);
    out.add_string(Field::url, call.url);
    for (const auto& [name, value] : call.headers) {
        protozero::pbf_builder<wire::HttpHeader> header(out, Field::headers);
        header.add_string(wire::HttpHeader::name, name);
        header.add_string(wire::HttpHeader::value, value);
    }
    out.add_bytes(Field::body, call.body);
    out.add_int64(Field::timeout_ms, call.timeout_ms);
    out.add_int64(Field::max_response_bytes, call.max_response_bytes);
    out.add_bool(Field::keep_redirects, call.keep_redirects);
    for (const Budget& each : call.budgets) {
        protozero::pbf_builder<wire::Budget> budget(out, Field::budgets);
        budget.add_string(wire::Budget::name, each.name);
        budget.add_double(wire::Budget::cost, each.cost);
        budget.add_double(wire::Budget::limit, each.limit);
        budget.add_int64(wire::Budget::period_ms, each.period_ms);
    }
    out.add_string(Field::account, call.account);
    return bytes;
}

inline std::pair<std::string, std::string> decodeHeader(protozero::data_view bytes) {
    std::pair<std::string, std::string> pair;
    protozero::pbf_message<wire::HttpHeader> in(bytes);
    while (in.next()) {
        switch (in.tag_and_type()) {
        case wire::bytes(wire::HttpHeader::name): pair.first = in.get_string(); break;
        case wire::bytes(wire::HttpHeader::value): pair.second = in.get_string(); break;
        default: in.skip();
        }
    }
    return pair;
}

struct HttpOutcome {
    HttpAnswer answer;
    bool may_have_arrived = false;
};

inline HttpOutcome decodeAnswer(std::string_view bytes) {
    using Field = wire::HttpResponse;
    HttpOutcome outcome;
    HttpAnswer& answer = outcome.answer;
    protozero::pbf_message<Field> in(protozero::data_view(bytes.data(), bytes.size()));
    while (in.next()) {
        switch (in.tag_and_type()) {
        case wire::varint(Field::status): answer.status = in.get_int32(); break;
        case wire::bytes(Field::headers):
            answer.headers.push_back(decodeHeader(in.get_view()));
            break;
        case wire::bytes(Field::body): answer.body = in.get_string(); break;
        case wire::bytes(Field::url): answer.url = in.get_string(); break;
        case wire::varint(Field::moved_permanently):
            answer.moved_permanently = wire::truth(in);
            break;
        case wire::varint(Field::retry_after_ms): answer.retry_after_ms = in.get_int64(); break;
        case wire::varint(Field::may_have_arrived):
            outcome.may_have_arrived = wire::truth(in);
            break;
        default: in.skip();
        }
    }
    return outcome;
}

} // namespace detail
} // namespace hearback
