package com.intellij.codeInsight.intention;

public interface FileModifier extends com.intellij.openapi.application.WriteActionAware {}
