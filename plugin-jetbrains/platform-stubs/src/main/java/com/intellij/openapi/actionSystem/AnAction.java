package com.intellij.openapi.actionSystem;

import dev.drawbridge.stubs.Stub;

public abstract class AnAction implements ActionUpdateThreadAware, com.intellij.openapi.project.PossiblyDumbAware {
    public AnAction() {}

    public abstract void actionPerformed(AnActionEvent event);

    public void update(AnActionEvent event) {}

    @Override public ActionUpdateThread getActionUpdateThread() { throw Stub.only(); }
}
