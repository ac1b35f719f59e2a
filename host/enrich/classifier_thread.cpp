#include "enrich/classifier_thread.h"

namespace hearback::enrich {

void Question::answer(pipeline::Answer answer) {
    {
        const std::lock_guard lock(mutex_);
        answer_ = std::move(answer);
    }
    answered_.notify_all();
}

std::optional<pipeline::Answer> Question::waitFor(base::Clock& clock, base::Micros deadline) {
    std::unique_lock lock(mutex_);
    while (!answer_ && clock.steady() < deadline) clock.wait(lock, answered_, deadline);
    return std::exchange(answer_, std::nullopt);
}

ClassifierThread::ClassifierThread(pipeline::Classifier& classifier)
    : classifier_(classifier), desk_(std::make_shared<Desk>()),
      thread_([desk = desk_, &classifier] { work(desk, classifier); }) {}

ClassifierThread::~ClassifierThread() {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock(desk_->mutex);
        desk_->closing = true;
    }
    desk_->changed.notify_all();
    thread_.join();
}

bool ClassifierThread::ask(std::shared_ptr<Question> question) {
    {
        const std::lock_guard lock(desk_->mutex);
        if (desk_->busy || desk_->closing) return false;
        desk_->busy = true;
        desk_->question = std::move(question);
    }
    desk_->changed.notify_all();
    return true;
}

bool ClassifierThread::stop(base::Clock& clock, base::Micros patience) {
    if (!thread_.joinable()) return true;
    const base::Micros deadline = clock.steady() + patience;
    bool ended = false;
    bool busy = false;
    {
        const std::lock_guard lock(desk_->mutex);
        desk_->closing = true;
        busy = desk_->busy;
    }
    desk_->changed.notify_all();
    if (busy) classifier_.cancel();
    {
        std::unique_lock lock(desk_->mutex);
        while (!desk_->ended && clock.steady() < deadline)
            clock.wait(lock, desk_->changed, deadline);
        ended = desk_->ended;
    }
    if (ended)
        thread_.join();
    else
        thread_.detach();
    return ended;
}

void ClassifierThread::work(const std::shared_ptr<Desk>& desk, pipeline::Classifier& classifier) {
    std::unique_lock lock(desk->mutex);
    for (;;) {
        desk->changed.wait(lock, [&] { return desk->closing || desk->question != nullptr; });
        if (desk->question == nullptr) break;
        const std::shared_ptr<Question> question = std::exchange(desk->question, nullptr);
        lock.unlock();
        pipeline::Answer answer = classifier.classify(question->request());
        lock.lock();
        // Free before the answer is out: who has it may ask the next one at once.
        desk->busy = false;
        lock.unlock();
        question->answer(std::move(answer));
        lock.lock();
    }
    desk->ended = true;
    desk->changed.notify_all();
}

} // namespace hearback::enrich
