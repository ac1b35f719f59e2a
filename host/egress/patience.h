// How long a request may take: until its deadline, or until nobody wants its answer any more. Of
// the thread that waits.
#pragma once

#include "base/clock.h"

#include <algorithm>
#include <functional>

namespace hearback::egress {

class Patience {
  public:
    // How often whoever waits looks whether he still should.
    static constexpr base::Micros kSlice = 50 * base::kMillisecond;

    Patience(base::Clock& clock, base::Micros deadline, const std::function<bool()>& cancelled)
        : clock_(clock), deadline_(deadline), cancelled_(cancelled) {}

    base::Clock& clock() const { return clock_; }
    base::Micros deadline() const { return deadline_; }
    base::Micros left() const { return std::max<base::Micros>(0, deadline_ - clock_.steady()); }
    bool isCancelled() const { return cancelled_(); }
    bool isOver() const { return left() == 0 || isCancelled(); }
    // The same, with less time.
    Patience atMost(base::Micros duration) const {
        return {clock_, std::min(deadline_, clock_.steady() + duration), cancelled_};
    }
    // Until when to wait before looking again.
    base::Micros nextLook() const { return std::min(deadline_, clock_.steady() + kSlice); }

    // Waits until the socket can be used for one of these events of poll(2), or has ended: the next
    // call on it says which. Throws Poco::TimeoutException where the patience ends before.
    short await(int socket, short events) const;

  private:
    base::Clock& clock_;
    base::Micros deadline_;
    const std::function<bool()>& cancelled_;
};

} // namespace hearback::egress
