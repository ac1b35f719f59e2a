// Lets at most so many calls in at once: the plugin's "max_concurrency".
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace hearback::loader {

class Turnstile {
  public:
    explicit Turnstile(std::int64_t places) : free_(places) {}

    class Pass {
      public:
        explicit Pass(Turnstile& gate) : gate_(gate) {
            std::unique_lock lock(gate_.mutex_);
            gate_.freed_.wait(lock, [&] { return gate_.free_ > 0; });
            --gate_.free_;
        }
        ~Pass() {
            {
                const std::lock_guard lock(gate_.mutex_);
                ++gate_.free_;
            }
            gate_.freed_.notify_one();
        }
        Pass(const Pass&) = delete;
        Pass& operator=(const Pass&) = delete;

      private:
        Turnstile& gate_;
    };

  private:
    std::mutex mutex_;
    std::condition_variable freed_;
    std::int64_t free_;
};

} // namespace hearback::loader
