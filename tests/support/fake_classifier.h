// A classifier that answers as the test says.
#pragma once

#include "pipeline/plugins.h"

#include "hearback/v1/annotation.pb.h"

#include <atomic>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace hearback::testing {

class FakeClassifier final : public pipeline::Classifier {
  public:
    using Say = std::function<pipeline::Answer(const v1::ClassifyRequest&)>;

    FakeClassifier(std::string name, std::string task, std::vector<std::string> labels)
        : name_(std::move(name)), task_(std::move(task)), labels_(std::move(labels)) {
        if (!labels_.empty()) say = always(labels_.front());
    }

    // An answer that gives every message the same label.
    static Say always(const std::string& label, double confidence = 0.9) {
        return [=](const v1::ClassifyRequest& request) {
            v1::ClassifyResponse response;
            for (int i = 0; i < request.messages_size(); ++i) add(response, i, label, confidence);
            return answer(response);
        };
    }
    static void add(v1::ClassifyResponse& response, int index, const std::string& label,
                    double confidence = 0.9) {
        v1::MessageAnnotations& said = *response.add_messages();
        said.set_index(static_cast<std::uint32_t>(index));
        v1::Annotation& annotation = *said.add_annotations();
        annotation.set_label(label);
        annotation.set_confidence(confidence);
        annotation.set_model_version("fake/1");
    }
    static pipeline::Answer answer(const v1::ClassifyResponse& response) {
        return {pipeline::Verdict::Ok, response.SerializeAsString(), "", 0};
    }

    const std::string& name() const override { return name_; }
    const std::string& task() const override { return task_; }
    const std::vector<std::string>& labels() const override { return labels_; }
    pipeline::Answer classify(std::string_view bytes) override {
        v1::ClassifyRequest request;
        if (!request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
            return {pipeline::Verdict::Internal, "", "the request cannot be read", 0};
        requests.push_back(request);
        return say(request);
    }
    void cancel() override { ++cancels; }

    Say say;
    std::atomic<int> cancels = 0;
    std::vector<v1::ClassifyRequest> requests; // look only while nothing is asked

  private:
    std::string name_;
    std::string task_;
    std::vector<std::string> labels_;
};

} // namespace hearback::testing
