package com.intellij.openapi.application;

import dev.drawbridge.stubs.Stub;

public interface WriteActionAware {
    default boolean startInWriteAction() { throw Stub.only(); }
}
