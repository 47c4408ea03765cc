using System.Net;
using System.Net.Sockets;
using Docker.DotNet;
using Docker.DotNet.Models;
using DotNet.Testcontainers.Configurations;

namespace Messaging.Breaker.IntegrationTests.Infrastructure;

/// <summary>Helps with containers that are crashed and restarted.</summary>
static class DockerEngine
{
    public static async Task<bool> IsAvailableAsync()
    {
        if (TestcontainersSettings.OS.DockerEndpointAuthConfig is null)
            return false;
        try
        {
            using DockerClient docker = Connect();
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            await docker.System.PingAsync(limit.Token);
            return true;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or SocketException
            or TimeoutException or OperationCanceledException or DockerApiException)
        {
            return false;
        }
    }

    /// <summary>Crashes a container: SIGKILL.</summary>
    public static async Task KillAsync(string container)
    {
        using DockerClient docker = Connect();
        await docker.Containers.KillContainerAsync(container, new ContainerKillParameters());
        await docker.Containers.WaitContainerAsync(container);
    }

    /// <summary>
    /// Finds a port to bind, because Docker would give a restarted container another one. It is below the range that the kernel uses for
    /// outgoing connections, so that none of them takes the port while the container is down.
    /// </summary>
    public static int FindFreePort()
    {
        while (true)
        {
            int port = Random.Shared.Next(20000, 32000);
            using var listener = new TcpListener(IPAddress.Any, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
            }
        }
    }

    static DockerClient Connect() =>
        TestcontainersSettings.OS.DockerEndpointAuthConfig.GetDockerClientBuilder(Guid.NewGuid()).Build();
}
