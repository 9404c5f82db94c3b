package com.intellij.openapi.util;

import dev.drawbridge.stubs.Stub;

public final class Disposer {
    private Disposer() {}

    public static void register(com.intellij.openapi.Disposable parent, com.intellij.openapi.Disposable child) { throw Stub.only(); }
}
