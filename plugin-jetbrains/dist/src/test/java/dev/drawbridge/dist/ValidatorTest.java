package dev.drawbridge.dist;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.jetbrains.plugin.structure.base.plugin.PluginCreationFail;
import com.jetbrains.plugin.structure.base.plugin.PluginCreationResult;
import com.jetbrains.plugin.structure.base.plugin.PluginCreationSuccess;
import com.jetbrains.plugin.structure.base.problems.PluginProblem;
import com.jetbrains.plugin.structure.intellij.plugin.IdePlugin;
import com.jetbrains.plugin.structure.intellij.plugin.IdePluginManager;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** JetBrains' own structure validator over the archive. Some of its warnings are refusals of the Marketplace, so none may be left. */
class ValidatorTest {
    @TempDir
    Path folder;

    private PluginCreationResult<IdePlugin> validate(Path zip) {
        return IdePluginManager.createManager(folder).createPlugin(zip);
    }

    private static List<String> problems(PluginCreationResult<IdePlugin> result) {
        List<PluginProblem> problems = new ArrayList<>();
        if (result instanceof PluginCreationSuccess<IdePlugin> success) {
            problems.addAll(success.getWarnings());
            problems.addAll(success.getUnacceptableWarnings());
        } else if (result instanceof PluginCreationFail<IdePlugin> fail) {
            problems.addAll(fail.getErrorsAndWarnings());
        }
        return problems.stream().map(PluginProblem::toString).toList();
    }

    @Test
    void theArchiveHasNoProblems() {
        PluginCreationResult<IdePlugin> result = validate(Archive.ZIP);
        assertEquals(List.of(), problems(result));
        assertTrue(result instanceof PluginCreationSuccess<IdePlugin>);
        IdePlugin plugin = ((PluginCreationSuccess<IdePlugin>) result).getPlugin();
        assertEquals("dev.drawbridge", plugin.getPluginId());
        assertEquals(System.getProperty("plugin.version"), plugin.getPluginVersion());
        assertEquals("242", String.valueOf(plugin.getSinceBuild()).replace("IU-", "").replaceAll("\\.0$", ""));
        List<String> optional = plugin.getDependencies().stream().filter(one -> one.isOptional()).map(one -> one.getId()).toList();
        assertEquals(List.of("com.intellij.modules.json", "org.jetbrains.plugins.yaml"), optional);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "since-build=\"242\"                                    | since-build=\"242\" until-build=\"999.*\"",
        "<name>Drawbridge</name>                                | <name>Drawbridge Plugin for JetBrains</name>",
        "<id>dev.drawbridge</id>                                | <id>com.example.drawbridge</id>",
        "config-file=\"drawbridge-yaml.xml\"                    | config-file=\"drawbridge-nowhere.xml\"",
        "<statusBarWidgetFactory id=\"dev.drawbridge.status\"   | <statusBarWidgetFactory",
    })
    void aSeededDefectIsFound(String right, String wrong) throws Exception {
        Map<String, byte[]> jar = Archive.main();
        String descriptor = new String(jar.get("META-INF/plugin.xml"), UTF_8);
        assertTrue(descriptor.contains(right), right);
        jar.put("META-INF/plugin.xml", descriptor.replace(right, wrong).getBytes(UTF_8));
        Map<String, byte[]> plugin = Archive.plugin();
        plugin.put(Archive.MAIN, Archive.zip(jar));
        assertFalse(problems(validate(Files.write(folder.resolve("wrong.zip"), Archive.zip(plugin)))).isEmpty());
    }

    @Test
    void anArchiveWithoutItsFolderIsRefused() throws Exception {
        Map<String, byte[]> flat = new LinkedHashMap<>();
        Archive.plugin().forEach((name, bytes) -> flat.put(name.substring("drawbridge/".length()), bytes));
        assertTrue(validate(Files.write(folder.resolve("flat.zip"), Archive.zip(flat))) instanceof PluginCreationFail<IdePlugin>);
    }
}
