package dev.drawbridge.model

/** Files in which a change asks for a new audit; the same list as in the VS Code extension. */
public object Watched {
    private val names = setOf(".devcontainer.json", ".mcp.json", "Dockerfile", ".git/config")
    private val folders = listOf(".devcontainer/", ".vscode/", ".idea/", ".claude/", ".github/hooks/", ".git/hooks/")
    private val endings = listOf(".yml", ".yaml", ".code-workspace")

    /** [file] is relative to the project, with `/`. */
    public fun has(file: String): Boolean =
        file in names || folders.any { file.startsWith(it) } || '/' !in file && endings.any { file.endsWith(it) }

    /** Files that a dev container is made of, for the banner. */
    public fun isConfiguration(file: String): Boolean =
        file == ".devcontainer.json" || file.startsWith(".devcontainer/") && file.endsWith("/devcontainer.json")
}
