package com.intellij.codeInsight.intention;

public interface CommonIntentionAction {
    String getFamilyName();
}
