"""The data model that clients rely on: the tables, columns and enums that may never be dropped."""

ENUMS = {
    "activity_type": (
        "project_created file_created file_updated file_deleted comment_added build_started build_completed "
        "collaborator_added"
    ),
    "build_task_status": "pending in_progress completed failed cancelled",
    "build_task_type": "file_creation code_generation dependency_install build test deploy",
    "collaborator_role": "owner editor reviewer viewer",
    "file_watcher_event": "create change rename delete",
    "project_status": "draft building built error archived",
    "project_visibility": "private public team",
    "terminal_status": "running stopped error",
    "webcontainer_status": "booting ready error terminated",
}

COLUMNS = {
    "users": "id name email email_verified image created_at updated_at",
    "accounts": (
        "user_id type provider provider_account_id refresh_token access_token expires_at token_type scope id_token "
        "session_state"
    ),
    "sessions": "session_token user_id expires",
    "verification_tokens": "identifier token expires",
    "authenticators": (
        "credential_id user_id provider_account_id credential_public_key counter credential_device_type "
        "credential_backed_up transports"
    ),
    "projects": (
        "id name description prompt status visibility thumbnail tech_stack tags template source_project_id "
        "git_repo_url deployment_url build_health lines_of_code complexity estimated_time actual_time user_id "
        "created_at updated_at last_accessed_at archived_at"
    ),
    "project_files": (
        "id project_id path content binary_content storage_key storage_type storage_url language mime_type encoding "
        "size checksum is_directory is_symlink symlink_target permissions is_executable is_hidden is_binary "
        "line_count parent_id webcontainer_path last_modified_by is_watched created_at updated_at last_accessed_at"
    ),
    "build_tasks": (
        "id project_id type title description status priority progress estimated_duration actual_duration "
        "dependencies result logs error_message created_at started_at completed_at"
    ),
    "project_templates": (
        "id name description category tags prompt tech_stack structure is_public usage_count created_by created_at "
        "updated_at"
    ),
    "project_collaborators": "id project_id user_id role permissions invited_by invited_at accepted_at",
    "collaboration_sessions": "id project_id user_id socket_id cursor selection is_active last_activity created_at",
    "collaborative_cursors": (
        "id session_id file_id user_id position selection color user_name is_visible last_update"
    ),
    "comments": "id project_id file_id user_id content line_number parent_id is_resolved created_at updated_at",
    "webcontainer_instances": (
        "id project_id user_id status workdir_name container_url port open_ports environment_vars boot_options "
        "last_activity created_at terminated_at"
    ),
    "terminal_sessions": (
        "id webcontainer_id project_id user_id title command working_directory status process_id terminal_size "
        "output exit_code created_at last_activity ended_at"
    ),
    "file_watchers": "id webcontainer_id project_id watch_path is_recursive encoding is_active created_at",
    "file_watcher_events": (
        "id watcher_id project_id event filename full_path previous_path file_size metadata created_at"
    ),
    "editor_states": (
        "id project_id file_id user_id cursor_position selection viewport folded_ranges scroll_position "
        "editor_extensions theme font_size tab_size line_wrapping line_numbers is_active last_activity created_at"
    ),
    "code_completions": (
        "id project_id file_id language context position completions trigger_kind cache_expiry created_at"
    ),
    "ai_chat_sessions": "id project_id user_id title context created_at updated_at",
    "ai_chat_messages": "id session_id role content metadata created_at",
    "activities": "id project_id user_id type title description metadata created_at",
    "project_analytics": "id project_id date views edits builds collaborators api_calls build_time",
}
