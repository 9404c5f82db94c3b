package com.intellij.openapi.actionSystem;

import dev.drawbridge.stubs.Stub;

public interface ActionUpdateThreadAware {
    default ActionUpdateThread getActionUpdateThread() { throw Stub.only(); }
}
