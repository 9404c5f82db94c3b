package com.intellij.diff.chains;

public abstract class DiffRequestChainBase implements DiffRequestChain {}
