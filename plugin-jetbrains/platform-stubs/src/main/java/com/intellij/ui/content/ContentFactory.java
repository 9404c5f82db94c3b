package com.intellij.ui.content;

import dev.drawbridge.stubs.Stub;

public interface ContentFactory {
    static ContentFactory getInstance() { throw Stub.only(); }

    Content createContent(javax.swing.JComponent component, String name, boolean lockable);
}
