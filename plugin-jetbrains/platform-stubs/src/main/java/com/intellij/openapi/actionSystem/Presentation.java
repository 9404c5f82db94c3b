package com.intellij.openapi.actionSystem;

import dev.drawbridge.stubs.Stub;

public final class Presentation {
    private Presentation() {}

    public void setEnabledAndVisible(boolean enabled) { throw Stub.only(); }
}
