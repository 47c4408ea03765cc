using Messaging.Breaker.Primitives;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Messaging.Breaker.QueueDepth;

/// <summary>The configuration section "QueueDepth", which overrides the code's options.</summary>
sealed class QueueDepthSection(IConfiguration? configuration = null) : IPostConfigureOptions<QueueDepthOptions>
{
    public const string Name = "QueueDepth";

    public void PostConfigure(string? name, QueueDepthOptions options)
    {
        if (configuration?.GetSection(Name).ReadInto(options) is { } problem)
            throw new OptionsValidationException(Name, typeof(QueueDepthOptions), [$"{Name}: the section cannot be read: {problem}"]);
    }
}
