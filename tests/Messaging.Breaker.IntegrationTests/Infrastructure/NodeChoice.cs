namespace Messaging.Breaker.IntegrationTests.Infrastructure;

/// <summary>Decides whether a service runs in a container or from its installed package.</summary>
static class NodeChoice
{
    /// <param name="variable">An environment variable: "docker" or "installed". Unset, Docker is used only if nothing is installed.</param>
    public static bool IsDocker(string variable, bool isInstalled) => Environment.GetEnvironmentVariable(variable) switch
    {
        "docker" => true,
        "installed" => false,
        null or "" => !isInstalled,
        var choice => throw new InvalidOperationException($"{variable} is '{choice}'; it can be 'docker' or 'installed'."),
    };
}
