// What could not be processed, kept until somebody mends the cause.
#pragma once

#include <cstdint>
#include <string>

namespace hearback::pipeline {

// With its cause. The numbers are stored.
struct DeadLetter {
    enum class Stage : std::int64_t {
        Read = 1,
        Normalise = 2,
        Enrich = 3,
        Commit = 4,
        Deliver = 5
    };
    // What the payload is, and so how it is replayed.
    enum class Payload : std::int64_t {
        Raw = 1,        // as the channel gave it: its plugin reads it again
        Message = 2,    // a FeedbackMessage: through the pipeline again
        Delivery = 3,   // the id of an outbox row: sent again
        Annotation = 4, // the id of a message: its pending classifiers are asked again
    };

    Stage stage = Stage::Read;
    std::string source; // or sink, for deliveries
    std::string cause;
    std::string position; // "row 17"
    Payload kind = Payload::Raw;
    std::string payload;
};

} // namespace hearback::pipeline
