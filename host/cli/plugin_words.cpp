#include "cli/command_words.h"

#include <CLI/CLI.hpp>

namespace hearback::cli {

namespace {

void addPluginNew(CLI::App& plugin, Words& w) {
    CLI::App* create = add(plugin, w, "new", "Begin a plugin: a project that builds and passes",
                           [&w] { return runPluginNew(w.common, w.new_plugin); });
    create->add_option("NAME", w.new_plugin.name, "Its id: small letters, digits and -")
        ->required();
    create->add_option("--kind", w.new_plugin.kind, "What it is; a channel otherwise")
        ->check(CLI::IsMember({"channel", "classifier", "sink"}));
    create->add_option("--lang", w.new_plugin.lang, "What it is written in; cpp otherwise")
        ->check(CLI::IsMember({"cpp", "c", "rust"}));
    create->add_option("--dir", w.new_plugin.dir, "The folder to make; ./NAME otherwise");
}

void addPackages(CLI::App& plugin, Words& w) {
    CLI::App* keygen = add(plugin, w, "keygen", "Make the keys that an author signs with",
                           [&w] { return runPluginKeygen(w.common, w.plugin); });
    keygen->add_option("FILE", w.plugin, "Where the secret key is written")->required();
    CLI::App* sign = add(plugin, w, "sign", "Sign a plugin: FILE.sig is written beside it",
                         [&w] { return runPluginSign(w.common, w.plugin, w.key); });
    sign->add_option("FILE", w.plugin, "A library, or NAME.plugin.json")->required();
    sign->add_option("--key", w.key, "The secret key")->required()->check(CLI::ExistingFile);
    CLI::App* pack = add(plugin, w, "pack", "Make one file of a plugin, to hand on",
                         [&w] { return runPluginPack(w.common, w.pack); });
    pack->add_option("FILE", w.pack.file, "A library, or NAME.plugin.json")->required();
    pack->add_option("--key", w.pack.key, "Sign it with this secret key")->check(CLI::ExistingFile);
    pack->add_option("--with", w.pack.with,
                     "Further files for people; README.md and LICENSE are found by themselves")
        ->check(CLI::ExistingFile);
    pack->add_option("--out", w.pack.out, "The folder to write into")
        ->check(CLI::ExistingDirectory);
    CLI::App* install = add(plugin, w, "install", "Put a packed plugin where it is found",
                            [&w] { return runPluginInstall(w.common, w.plugin, w.flag); });
    install->add_option("PACKAGE", w.plugin, "ID-VERSION.hbplugin")
        ->required()
        ->check(CLI::ExistingFile);
    install->add_flag("--trust", w.flag, "Let it run though its signer is not known");
    CLI::App* signer = add(plugin, w, "trust-signer", "Let every plugin run that somebody signs",
                           [&w] { return runPluginTrustSigner(w.common, w.plugin, w.key); });
    signer->add_option("KEY", w.plugin, "The public key: ed25519:...")->required();
    signer->add_option("--name", w.key, "Who that is, for people");
    CLI::App* untrust = add(plugin, w, "untrust-signer", "Take that back",
                            [&w] { return runPluginUntrustSigner(w.common, w.plugin); });
    untrust->add_option("KEY", w.plugin, "The public key")->required();
}

} // namespace

void addPlugins(CLI::App& root, Words& w) {
    CLI::App* plugin = add(root, w, "plugin", "The plugins that are there", {});
    plugin->require_subcommand(1);
    addPluginNew(*plugin, w);
    CLI::App* dev = add(*plugin, w, "dev",
                        "Build, check and run a plugin again whenever you save, and show what it "
                        "brings in",
                        [&w] { return runPluginDev(w.common, w.dev); });
    dev->add_option("FOLDER", w.dev.folder, "Its project; the current folder otherwise");
    dev->add_flag("--fresh", w.dev.is_fresh, "Forget the checkpoint, and what was read before");
    dev->add_flag("--once", w.dev.once,
                  "Do it once, until the source has given what it has; 1 where something failed");
    dev->add_option("--set", w.dev.set, "KEY=VALUE: a setting of the plugin; may be given often")
        ->allow_extra_args(false);
    dev->add_option("--allow", w.dev.allow,
                    "HOST:PORT that it may reach though it is private or not encrypted; may be "
                    "given often")
        ->allow_extra_args(false);
    add(*plugin, w, "list", "List them", [&w] { return runPluginList(w.common); });
    CLI::App* inspect = add(*plugin, w, "inspect", "Show one with its settings, without running it",
                            [&w] { return runPluginInspect(w.common, w.plugin); });
    inspect->add_option("PLUGIN", w.plugin, "Its id, or a file")->required();
    CLI::App* trust = add(*plugin, w, "trust", "Let a plugin run that is not part of this build",
                          [&w] { return runPluginTrust(w.common, w.plugin); });
    trust->add_option("PLUGIN", w.plugin, "Its id, or a file")->required();
    CLI::App* untrust = add(*plugin, w, "untrust", "Take that back",
                            [&w] { return runPluginUntrust(w.common, w.plugin); });
    untrust->add_option("PLUGIN", w.plugin, "Its id, a file, or its SHA-256")->required();
    add(*plugin, w, "quarantine", "List instances that crashed too often",
        [&w] { return runPluginQuarantine(w.common); });
    CLI::App* release = add(*plugin, w, "release", "Let an instance run again that did",
                            [&w] { return runPluginRelease(w.common, w.plugin); });
    release->add_option("NAME", w.plugin, "Name of the source, classifier or sink")->required();
    add(*plugin, w, "upgrade", "Let the running host take the versions that lie there now",
        [&w] { return runPluginUpgrade(w.common); });
    addPackages(*plugin, w);
}

} // namespace hearback::cli
