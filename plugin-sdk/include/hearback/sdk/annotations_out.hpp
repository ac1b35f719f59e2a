// What a classifier answers with.
#pragma once

#include "hearback/sdk/wire_fields.hpp"

#include <protozero/pbf_builder.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace hearback {

struct Label {
    std::string_view label;
    double score = 0;
    double confidence = 0;   // 0 to 1
    std::string_view reason; // for people; may be empty
};

// Collects the labels of one request; call add() with indexes that do not fall.
class AnnotationsOut {
  public:
    explicit AnnotationsOut(std::string_view model_version)
        : out_(bytes_), model_version_(model_version) {}
    AnnotationsOut(const AnnotationsOut&) = delete;
    AnnotationsOut& operator=(const AnnotationsOut&) = delete;

    // `index`: position of the message in the request.
    void add(std::uint32_t index, const Label& label) {
        protozero::pbf_builder<wire::MessageAnnotations> message(out_,
                                                                 wire::ClassifyResponse::messages);
        message.add_uint32(wire::MessageAnnotations::index, index);
        protozero::pbf_builder<wire::Annotation> annotation(message,
                                                            wire::MessageAnnotations::annotations);
        annotation.add_string(wire::Annotation::model_version, model_version_);
        annotation.add_string(wire::Annotation::label, label.label.data(), label.label.size());
        annotation.add_double(wire::Annotation::score, label.score);
        annotation.add_double(wire::Annotation::confidence, label.confidence);
        if (!label.reason.empty())
            annotation.add_string(wire::Annotation::reason, label.reason.data(),
                                  label.reason.size());
    }
    const std::string& bytes() const { return bytes_; }

  private:
    std::string bytes_;
    protozero::pbf_builder<wire::ClassifyResponse> out_;
    std::string model_version_;
};

} // namespace hearback
