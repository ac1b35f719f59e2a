// A request that people's software sent to the host for this channel, and the answer to it.
#pragma once

#include "hearback/sdk/host.hpp"
#include "hearback/sdk/message_out.hpp"

#include <protozero/pbf_builder.hpp>
#include <protozero/pbf_message.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearback {

// Views into the request as it came; nothing was parsed or trusted yet.
struct Request {
    std::string_view method;
    std::string_view path; // behind the channel's own address
    std::string_view query;
    std::vector<std::pair<std::string_view, std::string_view>> headers;
    std::string_view body;
    std::int64_t received_at_us = 0;

    explicit Request(std::string_view bytes) {
        protozero::pbf_message<wire::IngressRequest> in(
            protozero::data_view(bytes.data(), bytes.size()));
        while (in.next()) {
            switch (in.tag_and_type()) {
            case wire::bytes(wire::IngressRequest::method): method = toView(in.get_view()); break;
            case wire::bytes(wire::IngressRequest::path): path = toView(in.get_view()); break;
            case wire::bytes(wire::IngressRequest::query): query = toView(in.get_view()); break;
            case wire::bytes(wire::IngressRequest::headers): readHeader(in.get_view()); break;
            case wire::bytes(wire::IngressRequest::body): body = toView(in.get_view()); break;
            case wire::varint(wire::IngressRequest::received_at_us):
                received_at_us = in.get_int64();
                break;
            default: in.skip();
            }
        }
    }

    // A value of the query, decoded: "a+b%21" is "a b!". None where there is no such name.
    std::optional<std::string> parameter(std::string_view name) const {
        std::string_view rest = query;
        while (!rest.empty()) {
            const auto end = rest.find('&');
            const std::string_view pair = rest.substr(0, end);
            rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
            const auto equals = pair.find('=');
            if (decoded(pair.substr(0, equals)) != name) continue;
            return equals == std::string_view::npos ? std::string()
                                                    : decoded(pair.substr(equals + 1));
        }
        return std::nullopt;
    }

    // The first header of that name, in any case; empty where there is none.
    std::string_view header(std::string_view name) const {
        for (const auto& [key, value] : headers)
            if (detail::equalIgnoringCase(key, name)) return value;
        return {};
    }

  private:
    // application/x-www-form-urlencoded; what is not encoded right stays as it is.
    static std::string decoded(std::string_view text) {
        const auto digit = [](char c) {
            if (c >= '0' && c <= '9') return c - '0';
            const char small = static_cast<char>(c | 0x20);
            return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
        };
        std::string out;
        for (std::size_t i = 0; i < text.size(); ++i) {
            const bool is_coded = text[i] == '%' && i + 2 < text.size() &&
                                  digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0;
            if (!is_coded) {
                out += text[i] == '+' ? ' ' : text[i];
                continue;
            }
            out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
            i += 2;
        }
        return out;
    }

    void readHeader(protozero::data_view bytes) {
        std::pair<std::string_view, std::string_view> pair;
        protozero::pbf_message<wire::HttpHeader> in(bytes);
        while (in.next()) {
            switch (in.tag_and_type()) {
            case wire::bytes(wire::HttpHeader::name): pair.first = toView(in.get_view()); break;
            case wire::bytes(wire::HttpHeader::value): pair.second = toView(in.get_view()); break;
            default: in.skip();
            }
        }
        headers.push_back(pair);
    }
};

// With messages in the batch, the host answers `status` only after they were stored.
class Reply {
  public:
    BatchOut& batch() { return batch_; }
    void status(std::int32_t status) { status_ = status; }
    void body(std::string_view media_type, std::string text) {
        header("Content-Type", media_type);
        body_ = std::move(text);
    }
    void header(std::string_view name, std::string_view value) {
        headers_.emplace_back(name, value);
    }
    // An answer that is no news, such as one to a challenge.
    void text(std::string text) {
        status_ = 200;
        body("text/plain; charset=utf-8", std::move(text));
    }
    void json(std::string text) {
        status_ = 200;
        body("application/json", std::move(text));
    }
    // Refuses the request. `reason` is one word for the metric, `text` a sentence for the sender.
    void refuse(std::int32_t status, std::string_view reason, std::string text) {
        status_ = status;
        refused_ = reason;
        body("text/plain; charset=utf-8", std::move(text));
    }

    std::string encode() const {
        using Field = wire::IngressReply;
        std::string bytes;
        protozero::pbf_builder<Field> out(bytes);
        out.add_int32(Field::status, status_);
        for (const auto& [name, value] : headers_) {
            protozero::pbf_builder<wire::HttpHeader> header(out, Field::headers);
            header.add_string(wire::HttpHeader::name, name);
            header.add_string(wire::HttpHeader::value, value);
        }
        out.add_bytes(Field::body, body_);
        if (batch_.isWorthSending()) out.add_message(Field::batch, batch_.bytes());
        if (!refused_.empty()) out.add_string(Field::refused, refused_);
        return bytes;
    }

  private:
    std::int32_t status_ = 204;
    Headers headers_;
    std::string body_;
    std::string refused_;
    BatchOut batch_;
};

} // namespace hearback
