package com.intellij.codeInsight.daemon;

import dev.drawbridge.stubs.Stub;

public abstract class DaemonCodeAnalyzer {
    public static DaemonCodeAnalyzer getInstance(com.intellij.openapi.project.Project project) { throw Stub.only(); }

    public abstract void restart();
}
