package com.intellij.openapi.extensions;

import dev.drawbridge.stubs.Stub;

public final class PluginId {
    private PluginId() {}

    public static PluginId getId(String id) { throw Stub.only(); }
}
