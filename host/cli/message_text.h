// How messages are written out for people and for programs.
#pragma once

#include "hearback/v1/annotation.pb.h"
#include "hearback/v1/delivery.pb.h"
#include "hearback/v1/feedback.pb.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace hearback::cli {

// The label that a task's classifier gave; empty where none did.
std::string labelOf(const v1::AnnotationSet& annotations, std::string_view task);
// Red for negative, green for positive.
std::string styledSentiment(const std::string& sentiment, const std::string& text);
// "2015-02-17 07:36"
std::string shortTime(std::int64_t us);

nlohmann::json toJson(const v1::FeedbackMessage& message);
nlohmann::json toJson(const v1::AnnotationSet& annotations);
nlohmann::json toJson(const v1::Route& route);
const char* nameOf(v1::Priority priority);

} // namespace hearback::cli
