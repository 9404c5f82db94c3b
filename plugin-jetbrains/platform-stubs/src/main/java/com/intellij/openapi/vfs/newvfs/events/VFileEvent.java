package com.intellij.openapi.vfs.newvfs.events;

import dev.drawbridge.stubs.Stub;

public abstract class VFileEvent {
    public String getPath() { throw Stub.only(); }
}
