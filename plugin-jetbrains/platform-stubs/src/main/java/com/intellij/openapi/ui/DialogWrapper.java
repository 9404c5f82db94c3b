package com.intellij.openapi.ui;

import dev.drawbridge.stubs.Stub;

public abstract class DialogWrapper {
    protected DialogWrapper(com.intellij.openapi.project.Project project) {}

    protected void init() { throw Stub.only(); }

    public void setTitle(String title) { throw Stub.only(); }

    protected abstract javax.swing.JComponent createCenterPanel();

    protected ValidationInfo doValidate() { throw Stub.only(); }

    public javax.swing.JComponent getPreferredFocusedComponent() { throw Stub.only(); }

    public boolean showAndGet() { throw Stub.only(); }
}
