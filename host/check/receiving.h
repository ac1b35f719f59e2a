// Requests sent to a channel that receives.
#pragma once

#include "check/subject.h"

#include "hearback/v1/host.pb.h"

#include <optional>
#include <string>
#include <vector>

namespace hearback::check {

class Bench;
struct RequestToSend;

struct Received {
    Said said;
    std::optional<v1::IngressReply> reply; // none where what it wrote is none
    std::string batch_bytes;               // of the reply, as they were written
    int status = 0;
};

Received receive(Subject& subject, const std::string& path, const v1::IngressRequest& request);
// Every [[request]] of the plan. None where it has no route.
std::vector<Received> receiveAll(Bench& bench, Subject& subject);
// A started instance and at least one [[request]]; skips otherwise.
Subject& receiving(Bench& bench);

} // namespace hearback::check
