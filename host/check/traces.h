// What a sink leaves behind: requests that it sent, lines that it wrote into files.
#pragma once

#include "check/scripted_http.h"

#include "hearback/v1/delivery.pb.h"

#include <optional>
#include <string>
#include <vector>

namespace hearback::check {

class Bench;
struct Said;

// In the order in which they came to be, requests before lines.
class Traces {
  public:
    void add(const std::vector<Exchange>& exchanges);
    void addRequest(std::string request) { all_.push_back(std::move(request)); }
    void addFiles(const std::filesystem::path& folder);

    // Those in which the marker of a delivery stands, by their places.
    std::vector<std::size_t> of(const std::string& marker) const;
    const std::string& at(std::size_t place) const { return all_[place]; }
    bool empty() const { return all_.empty(); }

  private:
    std::vector<std::string> all_;
};

// What became of each delivery of a batch: its own result, or the status of the whole call.
struct Fate {
    hb_status status = HB_OK;
    std::string text;
    bool is_listed = false;
    bool isDelivered() const { return status == HB_OK || status == HB_CONFLICT; }
};
// None where what it wrote are no results, or not of this batch.
std::optional<std::vector<Fate>> fatesOf(const Said& said, std::size_t count);

// Answers what the plan does not with 200, so that a sink has somebody who takes what it sends.
// `refuse`: asked first; the status for a request, 0 for the usual answer.
void answerEverything(Bench& bench,
                      const std::function<int(const std::string& request)>& refuse = {});

} // namespace hearback::check
