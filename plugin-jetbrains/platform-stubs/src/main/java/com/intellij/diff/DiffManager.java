package com.intellij.diff;

import dev.drawbridge.stubs.Stub;

public abstract class DiffManager {
    public static DiffManager getInstance() { throw Stub.only(); }

    public abstract void showDiff(com.intellij.openapi.project.Project project, com.intellij.diff.chains.DiffRequestChain chain, DiffDialogHints hints);
}
