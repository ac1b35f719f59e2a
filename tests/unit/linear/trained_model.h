// A small model for the tests, trained in a moment.
#pragma once

#include "hearback/linear/train.h"

#include <catch2/catch.hpp>

namespace hearback::testing {

// Texts that a few words tell apart.
inline std::vector<linear::Sample> separableSamples() {
    const std::vector<std::string> good = {"lovely", "great", "thanks"};
    const std::vector<std::string> bad = {"broken", "awful", "refund"};
    const std::vector<std::string> other = {"when", "where", "question"};
    const std::vector<std::string> things = {"lamp", "shop", "app", "parcel", "price", "page"};
    std::vector<linear::Sample> samples;
    for (const std::string& thing : things) {
        for (const std::string& word : good)
            samples.push_back({"positive", "the " + thing + " is " + word});
        for (const std::string& word : bad)
            samples.push_back({"negative", "the " + thing + " is " + word});
        for (const std::string& word : other)
            samples.push_back({"neutral", word + " is the " + thing});
    }
    return samples;
}

inline linear::TrainOptions smallOptions() {
    linear::TrainOptions options;
    options.task = "sentiment";
    options.name = "sentiment-test";
    options.data = {{"name", "made up"}};
    options.bits = 12;
    return options;
}

inline linear::Model trainedModel(std::vector<linear::Sample> samples,
                                  const linear::TrainOptions& options = smallOptions()) {
    auto trained = linear::train(std::move(samples), options);
    if (const auto* why = std::get_if<std::string>(&trained)) FAIL(*why);
    return std::move(std::get<linear::Model>(trained));
}

} // namespace hearback::testing
