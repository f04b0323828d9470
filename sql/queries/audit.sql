-- name: append(actor_id, project_id, action, subject, details)
insert into audit_log (actor_id, project_id, action, subject, details)
values (:actor_id, :project_id, :action, :subject, :details);
