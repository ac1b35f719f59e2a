#include "egress/digest.h"

#include <Poco/SHA2Engine.h>

namespace hearback::egress {

std::string digest(std::string_view text) {
    Poco::SHA2Engine engine(Poco::SHA2Engine::SHA_256);
    engine.update(text.data(), text.size());
    return Poco::DigestEngine::digestToHex(engine.digest());
}

std::string shortDigest(std::string_view text) { return digest(text).substr(0, 16); }

} // namespace hearback::egress
