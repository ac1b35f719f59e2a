// A short life of a house, made up from a seed: two channels that people write on, two sinks that
// fail, restarts, and whatever the test lets go wrong beneath it. What it was told and what left it
// is noted, so that in the end everything can be accounted for.
#pragma once

#include "faults/feed.h"
#include "faults/house.h"
#include "faults/witness_sink.h"
#include "support/put_in.h"

#include <functional>
#include <random>
#include <string>
#include <vector>

namespace hearback::testing {

struct TrialParts {
    std::uint64_t seed = 0;
    storage::DatabaseOptions database;
    std::function<void(const std::string& point)> on_point = [](const std::string&) {};
    std::function<bool()> is_dead = [] { return false; };
    // Told of every input when it is acknowledged.
    std::function<void(const std::string& source, std::size_t input)> on_acknowledged =
        [](const std::string&, std::size_t) {};
    std::size_t inputs = 24; // of each channel
};

class Trial {
  public:
    explicit Trial(TrialParts parts);

    // As a process that starts. False where it cannot.
    bool open();
    void close() { house_.close(); }
    bool isOpen() const { return house_.isOpen(); }
    // Does one thing: reads a channel, delivers, asks classifiers again, lets time pass.
    void step(std::mt19937_64& random);
    void advance(base::Micros by) { clock_.advance(by); }
    // Whether everything was read.
    bool isRead() const;
    // Sinks and disks work from here on: reads the rest, delivers what waits.
    void finish();

    // What is wrong, a line each.
    std::string wrong(bool is_over = false);

    void acknowledge(const std::string& source, std::size_t input);
    std::vector<WitnessSink>& sinks() { return sinks_; }
    House& house() { return house_; }

  private:
    void readOn(std::size_t channel, std::size_t count);

    TrialParts parts_;
    base::SeededRandom random_;
    SimClock clock_;
    std::vector<Feed> feeds_;
    std::vector<std::size_t> read_;
    std::vector<WitnessSink> sinks_;
    PutIn put_in_;
    House house_;
};

} // namespace hearback::testing
