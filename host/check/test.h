// A test of the kit, and the list of all.
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace hearback::check {

class Bench;

// Plugins that a test is for, as bits.
inline constexpr unsigned kChannels = 1;
inline constexpr unsigned kClassifiers = 2;
inline constexpr unsigned kSinks = 4;
inline constexpr unsigned kActing = 8; // channels with hearback.actions/1
inline constexpr unsigned kAllKinds = kChannels | kClassifiers | kSinks;

struct Test {
    std::string_view name; // "poll/limits"
    int level = 0;
    unsigned kinds = kAllKinds;
    std::string_view rule; // what it holds the plugin to, in one sentence
    std::string_view page; // where that is written
    std::string_view said; // and in which words
    void (*run)(Bench&) = nullptr;
    int patience_s = 10; // after which it is ended
};

// One file each.
std::span<const Test> loadTests();
std::span<const Test> besideTests();
std::span<const Test> contractTests();
std::span<const Test> hostTests();
std::span<const Test> lifeTests();
std::span<const Test> settingsTests();
std::span<const Test> statusTests();
std::span<const Test> threadTests();
std::span<const Test> memoryTests();
std::span<const Test> pollTests();
std::span<const Test> batchTests();
std::span<const Test> receiveTests();
std::span<const Test> classifyTests();
std::span<const Test> sinkTests();
std::span<const Test> sinkDeliveryTests();
std::span<const Test> deliveryTests();
std::span<const Test> checkpointTests();
std::span<const Test> httpTests();
std::span<const Test> actionTests();
std::span<const Test> workerTests();
std::span<const Test> stressTests();

// All of them, by level.
std::vector<Test> allTests();

// It looks into a library: its file, its tables, the memory and the threads that it has in common
// with its host. Of a program, which has a process of its own, it could tell nothing.
bool isOfLibraries(const Test& test);

} // namespace hearback::check
