// So many in each window of time, and no more: for lines and figures that others may write without
// end. Any thread.
#pragma once

#include "base/clock.h"

#include <mutex>

namespace hearback::base {

class WindowLimit {
  public:
    enum class Verdict { Admitted, LastOne, Refused };

    WindowLimit(int per_window, Micros window) : per_window_(per_window), window_(window) {}

    // `steady`: Clock::steady(). LastOne is admitted too: say that what follows is left out.
    Verdict admit(Micros steady) {
        const std::lock_guard lock(mutex_);
        if (begun_ < 0 || steady - begun_ >= window_) {
            begun_ = steady;
            count_ = 0;
        }
        ++count_;
        if (count_ == per_window_) return Verdict::LastOne;
        return count_ < per_window_ ? Verdict::Admitted : Verdict::Refused;
    }

  private:
    const int per_window_;
    const Micros window_;
    std::mutex mutex_;
    Micros begun_ = -1;
    int count_ = 0;
};

} // namespace hearback::base
