// A classifier on a thread of its own, so that one that is slow holds up neither the pipeline nor
// the other classifiers. Takes one question at a time.
#pragma once

#include "base/clock.h"
#include "pipeline/plugins.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace hearback::enrich {

// A question under way. Owned by whoever still waits for it: an answer that comes too late is
// written here and thrown away.
class Question {
  public:
    explicit Question(std::shared_ptr<const std::string> request) : request_(std::move(request)) {}

    const std::string& request() const { return *request_; }
    void answer(pipeline::Answer answer);
    // The answer, or none where it did not come until `deadline` (of the steady clock).
    std::optional<pipeline::Answer> waitFor(base::Clock& clock, base::Micros deadline);

  private:
    std::shared_ptr<const std::string> request_;
    std::mutex mutex_;
    std::condition_variable_any answered_;
    std::optional<pipeline::Answer> answer_;
};

class ClassifierThread {
  public:
    explicit ClassifierThread(pipeline::Classifier& classifier);
    ~ClassifierThread();

    // False where the classifier still works on an earlier question.
    bool ask(std::shared_ptr<Question> question);
    // False where the classifier does not return: then its thread is left behind, and the
    // classifier must stay as long as the process.
    bool stop(base::Clock& clock, base::Micros patience);

  private:
    // Shared with the thread, which may outlive this.
    struct Desk {
        std::mutex mutex;
        std::condition_variable_any changed;
        std::shared_ptr<Question> question;
        bool busy = false;
        bool closing = false;
        bool ended = false;
    };
    static void work(const std::shared_ptr<Desk>& desk, pipeline::Classifier& classifier);

    pipeline::Classifier& classifier_;
    std::shared_ptr<Desk> desk_;
    std::thread thread_;
};

} // namespace hearback::enrich
