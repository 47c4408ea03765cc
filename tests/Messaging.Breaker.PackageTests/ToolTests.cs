namespace Messaging.Breaker.PackageTests;

public class ToolTests(PackedPackages packed)
{
    [Fact]
    public async Task The_command_line_is_installed_from_its_package()
    {
        var tool = await packed.InstallToolAsync();
        Assert.Matches(@"^\d+\.\d+\.\d+", await packed.RunToolAsync(tool, "--version"));
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => packed.RunToolAsync(tool, "status"));
        Assert.Contains("ended with 2", error.Message, StringComparison.Ordinal);
    }
}
