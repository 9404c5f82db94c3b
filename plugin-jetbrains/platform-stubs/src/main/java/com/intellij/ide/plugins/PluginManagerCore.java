package com.intellij.ide.plugins;

import dev.drawbridge.stubs.Stub;

public final class PluginManagerCore {
    private PluginManagerCore() {}

    public static IdeaPluginDescriptor getPlugin(com.intellij.openapi.extensions.PluginId id) { throw Stub.only(); }
}
