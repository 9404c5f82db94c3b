package dev.drawbridge.ide

import com.intellij.codeInsight.intention.IntentionAction
import com.intellij.lang.annotation.AnnotationHolder
import com.intellij.lang.annotation.ExternalAnnotator
import com.intellij.lang.annotation.HighlightSeverity
import com.intellij.openapi.editor.Editor
import com.intellij.openapi.project.DumbAware
import com.intellij.openapi.project.Project
import com.intellij.openapi.util.TextRange
import com.intellij.psi.PsiDocumentManager
import com.intellij.psi.PsiFile
import dev.drawbridge.Text
import dev.drawbridge.model.Watched
import dev.drawbridge.protocol.Problem
import dev.drawbridge.protocol.QuickFix
import dev.drawbridge.protocol.Severity
import dev.drawbridge.text.Foreign
import dev.drawbridge.text.Lines
import java.util.concurrent.TimeUnit

/** Findings in the editor, with the server's fixes. */
public class Annotator : ExternalAnnotator<Annotator.Asked, Annotator.Found>(), DumbAware {
    /** What is looked at: taken under the read lock, so nothing but copies. */
    public class Asked(internal val service: DrawbridgeService, internal val file: String, internal val text: String, internal val stamp: Long)

    public class Found(internal val asked: Asked, internal val problems: List<Pair<Problem, List<QuickFix>>>)

    override fun collectInformation(file: PsiFile): Asked? {
        val virtual = file.virtualFile?.takeIf { it.isInLocalFileSystem } ?: return null
        val service = DrawbridgeService.of(file.project)
        val name = service.relative(virtual.path)?.takeIf(Watched::has) ?: return null
        val document = PsiDocumentManager.getInstance(file.project).getDocument(file) ?: return null
        if (document.text.length > LONGEST) return null
        return Asked(service, name, document.text, document.modificationStamp)
    }

    /** On a background thread, without a lock; waits for the server at most [PATIENCE] seconds. */
    override fun doAnnotate(asked: Asked?): Found? {
        if (asked == null) return null
        val service = asked.service
        val uri = service.uri(asked.file)
        service.texts.sync(uri, asked.text)
        return try {
            val check = service.model.backend.audit(false).get(PATIENCE, TimeUnit.SECONDS)
            val problems = check.problems.filter { it.file == asked.file }
            val fixes = problems.map { problem -> problem to service.model.backend.fixes(uri, problem.range) }
            Found(asked, fixes.map { (problem, fix) -> problem to fix.get(PATIENCE, TimeUnit.SECONDS) })
        } catch (_: java.util.concurrent.ExecutionException) {
            // The tool window and the banner say why there is no server.
            null
        } catch (_: java.util.concurrent.TimeoutException) {
            null
        }
    }

    override fun apply(file: PsiFile, found: Found?, holder: AnnotationHolder) {
        if (found == null) return
        val document = PsiDocumentManager.getInstance(file.project).getDocument(file) ?: return
        if (document.modificationStamp != found.asked.stamp) return
        val lines = Lines(found.asked.text)
        for ((problem, fixes) in found.problems) {
            val span = lines.span(problem.range)
            val message = Foreign.line(problem.message, LONGEST_MESSAGE)
            var annotation = holder.newAnnotation(severity(problem.severity), message)
                .range(TextRange(span.first, span.last + 1))
                .tooltip("${Foreign.html(message)}<br>${Foreign.html("${problem.code} ${problem.rule}")}")
            for (fix in fixes) annotation = annotation.withFix(Fix(found.asked, fix))
            annotation.create()
        }
    }

    private fun severity(severity: Severity): HighlightSeverity = when (severity) {
        Severity.CRITICAL, Severity.HIGH -> HighlightSeverity.WARNING
        Severity.MEDIUM -> HighlightSeverity.WEAK_WARNING
        Severity.LOW, Severity.INFO -> HighlightSeverity.INFORMATION
    }

    /** One fix of the server. */
    private class Fix(private val asked: Asked, private val fix: QuickFix) : IntentionAction {
        override fun getText(): String = Foreign.line(fix.title)

        override fun getFamilyName(): String = Text.of("fix.family")

        override fun isAvailable(project: Project, editor: Editor?, file: PsiFile?): Boolean = asked.service.model.known.trusted

        /** Opens its own write command, after looking whether the text is still the same. */
        override fun startInWriteAction(): Boolean = false

        override fun invoke(project: Project, editor: Editor?, file: PsiFile?) {
            asked.service.actions.fix(asked.file, fix)
        }
    }

    private companion object {
        const val PATIENCE = 5L

        /** Characters; no configuration is that long. */
        const val LONGEST = 1_000_000
        const val LONGEST_MESSAGE = 600
    }
}
