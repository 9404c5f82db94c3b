package com.intellij.diff;

import dev.drawbridge.stubs.Stub;

public abstract class DiffContentFactory {
    public static DiffContentFactory getInstance() { throw Stub.only(); }

    public abstract com.intellij.diff.contents.DocumentContent create(String text);
}
