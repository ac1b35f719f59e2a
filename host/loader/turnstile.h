// Lets at most so many data calls in at once, the plugin's "max_concurrency", and control calls
// only alone.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace hearback::loader {

class Turnstile {
  public:
    explicit Turnstile(std::int64_t places) : places_(places), free_(places) {}

    class Pass {
      public:
        explicit Pass(Turnstile& gate) : gate_(gate) {
            std::unique_lock lock(gate_.mutex_);
            gate_.freed_.wait(lock, [&] { return gate_.free_ > 0 && gate_.closing_ == 0; });
            --gate_.free_;
        }
        ~Pass() {
            {
                const std::lock_guard lock(gate_.mutex_);
                ++gate_.free_;
            }
            gate_.freed_.notify_all();
        }
        Pass(const Pass&) = delete;
        Pass& operator=(const Pass&) = delete;

      private:
        Turnstile& gate_;
    };

    // Nobody else is in while this lives.
    class Closed {
      public:
        Closed(Turnstile& gate, std::chrono::microseconds patience) : gate_(gate) {
            std::unique_lock lock(gate_.mutex_);
            ++gate_.closing_;
            closed_ =
                gate_.freed_.wait_for(lock, patience, [&] { return gate_.free_ == gate_.places_; });
            if (closed_) gate_.free_ = 0;
        }
        ~Closed() {
            {
                const std::lock_guard lock(gate_.mutex_);
                --gate_.closing_;
                if (closed_) gate_.free_ = gate_.places_;
            }
            gate_.freed_.notify_all();
        }
        Closed(const Closed&) = delete;
        Closed& operator=(const Closed&) = delete;
        // False where somebody stayed in for too long.
        explicit operator bool() const { return closed_; }

      private:
        Turnstile& gate_;
        bool closed_ = false;
    };

  private:
    std::mutex mutex_;
    std::condition_variable freed_;
    const std::int64_t places_;
    std::int64_t free_;
    int closing_ = 0; // who waits to be alone comes first
};

} // namespace hearback::loader
