package com.intellij.openapi.wm;

import dev.drawbridge.stubs.Stub;

public interface StatusBarWidgetFactory {
    String getId();

    String getDisplayName();

    default StatusBarWidget createWidget(com.intellij.openapi.project.Project project) { throw Stub.only(); }

    default boolean isAvailable(com.intellij.openapi.project.Project project) { throw Stub.only(); }
}
