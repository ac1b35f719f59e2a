// What the kit gives a plugin to work on: messages, deliveries, requests, actions.
#pragma once

#include "base/clock.h"
#include "check/plan.h"

#include "hearback/v1/action.pb.h"
#include "hearback/v1/annotation.pb.h"
#include "hearback/v1/delivery.pb.h"
#include "hearback/v1/host.pb.h"

#include <cstddef>
#include <string>
#include <vector>

namespace hearback::check {

// Ordinary messages: the kit's own, and those of the plan.
std::vector<std::string> ordinaryTexts(const Plan& plan);
// Texts that people send and programs stumble over, all of them valid UTF-8.
std::vector<std::string> hardTexts();

v1::FeedbackMessage messageOf(const std::string& text, std::size_t number);
v1::ClassifyRequest questionOf(const std::vector<std::string>& texts);

// Deliveries whose texts hold a word of their own, markerOf(name, i), and nobody else's.
v1::DeliveryBatch deliveriesOf(const std::string& name, std::size_t count);
v1::Delivery deliveryOf(const std::string& name, std::size_t number, const std::string& text);
std::string markerOf(const std::string& name, std::size_t number);

// A request of the plan as it comes in, signed for this moment.
v1::IngressRequest ingressOf(const RequestToSend& request, base::Micros now);

v1::Action actionOf(const ActionToTry& action, const std::string& key);
// A message for capabilities and actions to be about.
v1::FeedbackMessage targetOf(const std::string& external_id);

} // namespace hearback::check
