package com.intellij.openapi.actionSystem;

import dev.drawbridge.stubs.Stub;

public class AnActionEvent {
    public final com.intellij.openapi.project.Project getProject() { throw Stub.only(); }

    public final Presentation getPresentation() { throw Stub.only(); }
}
