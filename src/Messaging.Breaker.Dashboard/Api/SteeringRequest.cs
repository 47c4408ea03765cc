namespace Messaging.Breaker.Dashboard.Api;

/// <summary>The body of a steering request. Each action accepts different members.</summary>
sealed record SteeringRequest
{
    public string? Reason { get; init; }

    public double? MinimumBreakSeconds { get; init; }

    public double? ExpirySeconds { get; init; }

    public bool? ThisInstanceOnly { get; init; }
}

/// <summary>The header in which steering sends its token, and the token.</summary>
sealed record SteeringToken(string Header, string Token);
